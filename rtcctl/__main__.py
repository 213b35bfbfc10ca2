"""`python -m rtcctl`."""

from rtcctl.cli.main import run

if __name__ == "__main__":
    run()
