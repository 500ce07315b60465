"""What is changed, and what is left alone because nobody is judged by it."""

from textwrap import dedent

from tests.mutants.mutants import mutants_of

RULE = dedent(
    """
    from agentcore_policies.model import Resource
    from agentcore_policies.rule import Finding, NotChecked, Rule

    _ALLOWED = ("KMS",)


    def _encryption(resource: Resource):
        given = resource.at("encryption")
        what = f"{given} is given" if given else "nothing is given"
        if given not in _ALLOWED and resource.protect:
            yield Finding(path="encryption", message=_told(what))


    def _told(what: str) -> str:
        return what + "; KMS is allowed."


    RULES = (
        Rule(
            id="encryption",
            description="All is encrypted.",
            severity="low",
            types=("a:b:C",),
            remediation="Encrypt it.",
            check=_encryption,
        ),
    )
    """
)


def changes(source: str) -> set[tuple[str, str, str]]:
    return {mutant.key[1:] for mutant in mutants_of({"agentcore_policies.rules.one": source})}


def test_whatever_a_verdict_depends_on_is_changed() -> None:
    condition = "if given not in _ALLOWED and resource.protect:"
    assert changes(RULE) == {
        ("", '_ALLOWED = ("KMS",)', '_ALLOWED = ("XXKMSXX",)'),
        ("", 'types=("a:b:C",),', 'types=("XXa:b:CXX",),'),
        (
            "_encryption",
            'given = resource.at("encryption")',
            'given = resource.at("XXencryptionXX")',
        ),
        (
            "_encryption",
            'yield Finding(path="encryption", message=_told(what))',
            'yield Finding(path="XXencryptionXX", message=_told(what))',
        ),
        *(
            ("_encryption", condition, becomes)
            for becomes in (
                "if True:",
                "if False:",
                "if given not in _ALLOWED:",
                "if resource.protect:",
                "if given not in _ALLOWED or resource.protect:",
                "if given in _ALLOWED and resource.protect:",
            )
        ),
    }, "texts, and what only texts are made of, are left alone"


def test_a_text_that_is_judged_by_is_changed() -> None:
    source = RULE.replace("nothing is given", "nothing")
    assert not any("XXnothingXX" in becomes for _, _, becomes in changes(source))
    judged = source.replace("and resource.protect", 'and what != "nothing"')
    found = {becomes for _, _, becomes in changes(judged)}
    assert 'what = f"{given} is given" if given else "XXnothingXX"' in found


def test_what_is_for_the_type_checker_only_is_left_alone() -> None:
    source = RULE.replace('_ALLOWED = ("KMS",)', 'Made = TypeVar("Made")\n_ALLOWED = ("KMS",)')
    assert changes(source) == changes(RULE)


def test_each_mutant_is_the_module_with_one_change() -> None:
    for mutant in mutants_of({"agentcore_policies.rules.one": RULE}):
        assert mutant.code != RULE
        compile(mutant.code, "one", "exec")
