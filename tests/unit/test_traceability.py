import re

from tests.stack_files import CHECKOUT


def test_every_test_that_the_table_names_exists() -> None:
    table = (CHECKOUT / "docs" / "traceability.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", table)
    assert len(named) > 15, "the table is read"
    for file, test in named:
        source = (CHECKOUT / file).read_text("utf-8")
        assert re.search(rf"^(async )?def {test or 'test_'}", source, re.MULTILINE), (file, test)
