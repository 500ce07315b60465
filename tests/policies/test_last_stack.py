from agentcore_policies.last_stack import for_last_stack
from agentcore_policies.model import Stack


def test_what_is_made_of_a_stack_is_kept_until_another_one_is_judged() -> None:
    judged: list[Stack] = []
    one, other = (Stack(name="prod", resources=()) for _ in range(2))
    made = for_last_stack(lambda stack: judged.append(stack) or object())
    first = made(one)
    assert made(one) is first
    second = made(other)
    assert second is not first, "an equal stack is another one all the same"
    assert made(other) is second
    assert made(one) is not first, "of the last one only"
    assert [stack is one for stack in judged] == [True, False, True]
