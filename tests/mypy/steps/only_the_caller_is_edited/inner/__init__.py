from only_the_caller_is_edited.inner.app import App as App
from only_the_caller_is_edited.inner.events import UserCreated as UserCreated
from only_the_caller_is_edited.inner.use_cases import greet as greet
from only_the_caller_is_edited.inner.use_cases import place as place
