import os


def main(args):
    with open(os.path.join(os.path.dirname(__file__), "data", "word.txt")) as file:
        return {"word": file.read().strip()}
