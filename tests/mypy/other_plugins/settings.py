INSTALLED_APPS = ["with_django"]
