"""A mutant is made of what is loaded, wherever it is held; each in a process of its own."""

import gc
import os
from collections.abc import Callable
from functools import cache
from typing import Final

from agentcore_policies import links, provider_inputs
from agentcore_policies.iam_document import Statement
from agentcore_policies.model import Resource, Stack
from agentcore_policies.rules import runtime
from tests.mutants.change import Loaded
from tests.mutants.modules import sources
from tests.mutants.mutants import Mutant, mutants_of

LAST_STACK: Final = "agentcore_policies.last_stack"
PROVIDER_INPUTS: Final = "agentcore_policies.provider_inputs"


@cache
def loaded() -> Loaded:
    return Loaded(sources())


def mutant(module: str, function: str, becomes: str) -> Mutant:
    (found,) = (
        one
        for one in mutants_of({module: sources()[module]})
        if one.key[1] == function and one.key[3] == becomes
    )
    return found


def with_change(changed: Mutant, asked: Callable[[], bool], *, at_load: bool = False) -> bool:
    """What the answer is once the change is made."""
    lines = range(1, changed.source.count("\n")) if at_load else ()
    loaded()
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in (0, 1), "it did not come to an answer"
        return code == 0
    code = 2
    gc.disable()  # to look for garbage would copy each page of the process that was forked
    try:
        loaded().change(changed, frozenset(lines))
        code = 0 if asked() else 1
    finally:
        os._exit(code)


def test_a_value_is_changed_though_another_modules_is_equal() -> None:
    pinned = Resource(
        type="t", name="n", urn="u", props={}, provider={"allowedAccountIds": '["222222222222"]'}
    )

    def is_found() -> bool:
        return bool(provider_inputs.own_accounts(pinned))

    assert is_found()
    becomes = '_ACCOUNT: Final = re.compile(r"XX[0-9]{12}XX")'
    assert not with_change(mutant(PROVIDER_INPUTS, "", becomes), is_found)


def test_a_value_is_changed_in_the_modules_that_import_it() -> None:
    held = runtime.AWS_RUNTIME
    becomes = 'AWS_RUNTIME: Final = "XXaws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntimeXX"'
    changed = mutant("agentcore_policies.agent_runtime", "", becomes)
    assert with_change(changed, lambda: held == runtime.AWS_RUNTIME[2:-2])


def test_what_a_factory_made_at_load_is_made_again() -> None:
    stack = Stack(name="prod", resources=())

    def is_kept() -> bool:
        first = links.links_of(stack)
        return links.links_of(stack) is first

    changed = mutant(LAST_STACK, "for_last_stack", "if False:")
    assert not with_change(changed, is_kept, at_load=True)
    assert is_kept(), "the change was another process's"


def test_the_value_that_a_parameter_has_by_default_is_changed() -> None:
    statement = Statement(path="p", elements={"Principal": "*"}, effect="Allow")
    becomes = 'def principals(self, element: str = "XXPrincipalXX") -> Iterator[tuple[str, Words]]:'
    changed = mutant("agentcore_policies.iam_document", "Statement.principals", becomes)
    assert not with_change(changed, lambda: bool([*statement.principals()]), at_load=True)
    assert [*statement.principals()]
