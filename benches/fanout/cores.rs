//! Keeps the server under measurement and its viewers apart: one core for each, so that what a server costs is what it does
//! on one core, and neither takes the other's time.

use std::io;
use std::process::{Child, Command};
use std::sync::OnceLock;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Cores of the server and of everything else; `None` on a machine with less than two.
static CORES: OnceLock<Option<[usize; 2]>> = OnceLock::new();

/// Leaves a core to the servers from here on, where there are two; one line about it.
pub(crate) fn divide() -> String {
    let allowed = sched_getaffinity(None).expect("a thread to know where it may run");
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    let cores = CORES.get_or_init(|| Some([cores.next()?, cores.next()?]));
    let Some([server, others]) = cores else { return "the server and its viewers share one core".into() };
    run_on(*others);
    format!("the server on core {server}, all of it; its viewers on core {others}")
}

/// Starts a program on the servers' core.
pub(crate) fn spawn_server(command: &mut Command) -> io::Result<Child> {
    let Some(Some([server, others])) = CORES.get() else { return command.spawn() };
    // A process runs where the thread that starts it may.
    run_on(*server);
    let child = command.spawn();
    run_on(*others);
    child
}

fn run_on(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).expect("a thread to choose among its cores");
}
