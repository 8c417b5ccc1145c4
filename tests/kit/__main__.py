"""`python -m tests.kit` prints which sentence is kept by which connector."""

from tests.kit.participants import coverage

if __name__ == "__main__":
    print(coverage())
