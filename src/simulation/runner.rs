//! What runs programs on the simulated board: the executor's virtual machine with all its modules.

use simulator::RunnerFactory;

/// Makes a runner for each start of a board.
pub(super) fn factory() -> RunnerFactory {
    simulator::virtual_machine(&modules::ROM)
}
