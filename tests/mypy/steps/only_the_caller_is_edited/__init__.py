from only_the_caller_is_edited.inner import App as App
from only_the_caller_is_edited.inner import UserCreated as UserCreated
from only_the_caller_is_edited.inner import greet as greet
from only_the_caller_is_edited.inner import place as place
