"""Greets: ``{"name": "Ada"}`` → ``{"greeting": "Hello, Ada!"}``."""


def main(args):
    name = args.get("name", "stranger")
    print(f"greeting {name}")
    return {"greeting": f"Hello, {name}!"}
