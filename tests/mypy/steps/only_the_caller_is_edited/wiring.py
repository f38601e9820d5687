from only_the_caller_is_edited import App, UserCreated, greet, place
