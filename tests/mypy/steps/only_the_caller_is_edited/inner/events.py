from only_the_caller_is_edited.inner.roots import ShopEvent, UserEvent


class UserCreated(UserEvent):
    email: str


class OrderPlaced(ShopEvent):
    order: int
