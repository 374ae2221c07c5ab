//! From the log to stderr: a bounded queue and one thread that writes, so that a stderr which nobody reads holds nobody
//! up. What does not fit is dropped, the newest first, and counted; the log says so once it can be written again.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use env_logger::Logger;
use log::kv::ToValue;
use log::{Level, Log, Record};

use crate::lifecycle;

/// Most bytes that wait to be written: some 7000 lines.
const BYTES_MAX: usize = 1 << 20;

/// Takes whole lines and returns at once. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Sink {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    /// There is something to write.
    filled: Condvar,
    /// Everything is written.
    drained: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Lines that did not fit and were not told of.
    dropped: u64,
    /// A line is on its way out.
    is_writing: bool,
}

impl Sink {
    /// Starts the thread that writes to `out`; `notices` writes to the same place and tells there what was dropped.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub(super) fn start(&self, mut out: Box<dyn Write + Send>, notices: Logger) -> io::Result<()> {
        let queue = Arc::clone(&self.queue);
        let thread = lifecycle::spawn_thread("log", move || {
            loop {
                // Where stderr is closed, nobody can be told.
                out.write_all(&queue.next()).unwrap_or_default();
                tell_dropped(&notices, queue.take_dropped());
            }
        })?;
        // It writes for as long as the process lives, and `flush_within` is how its work is waited for.
        drop(thread);
        Ok(())
    }

    /// Waits until everything is written, at most for `patience`.
    pub(super) fn flush_within(&self, patience: Duration) {
        let is_busy = |state: &mut State| state.is_writing || !state.lines.is_empty();
        drop(self.queue.drained.wait_timeout_while(self.queue.lock(), patience, is_busy));
    }
}

impl Write for Sink {
    /// Takes `line` whole, or counts it as dropped.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.queue.lock();
        if state.bytes + line.len() > BYTES_MAX {
            state.dropped += 1;
        } else {
            state.bytes += line.len();
            state.lines.push_back(line.to_vec());
            self.queue.filled.notify_one();
        }
        Ok(line.len())
    }

    /// Does not wait: the log must not.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next line; the one before is written by then.
    fn next(&self) -> Vec<u8> {
        let mut state = self.lock();
        state.is_writing = false;
        loop {
            if let Some(line) = state.lines.pop_front() {
                state.bytes -= line.len();
                state.is_writing = true;
                return line;
            }
            self.drained.notify_all();
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn take_dropped(&self) -> u64 {
        std::mem::take(&mut self.lock().dropped)
    }
}

fn tell_dropped(notices: &Logger, lines: u64) {
    if lines > 0 {
        let mut record = Record::builder();
        record.level(Level::Warn).target(module_path!());
        let pairs = [("lines", lines.to_value())];
        notices
            .log(&record.key_values(&pairs).args(format_args!("Lines of the log were lost: nobody read them")).build());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::*;

    /// Far longer than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A reader of the log that takes each write when it likes.
    struct Reader(SyncSender<Vec<u8>>);

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn sink() -> (Sink, Receiver<Vec<u8>>) {
        let (sender, reader) = sync_channel(0);
        let notices = env_logger::Builder::new()
            .filter_level(log::LevelFilter::Trace)
            .format(crate::logging::text::write)
            .target(env_logger::Target::Pipe(Box::new(Reader(sender.clone()))))
            .build();
        let sink = Sink::default();
        sink.start(Box::new(Reader(sender)), notices).unwrap();
        (sink, reader)
    }

    #[test]
    fn what_nobody_reads_is_dropped_counted_and_told() {
        let (mut sink, reader) = sink();
        sink.write_all(b"first\n").unwrap();
        let line = [b'x'; 1024];
        for _ in 0..BYTES_MAX / line.len() + 10 {
            sink.write_all(&line).unwrap();
        }
        sink.flush_within(Duration::from_millis(1));
        assert_eq!(reader.recv_timeout(PATIENCE).unwrap(), b"first\n", "the oldest is kept");
        let notice = String::from_utf8(reader.recv_timeout(PATIENCE).unwrap()).unwrap();
        let count: u64 = notice.trim_end().rsplit_once("lines=").unwrap().1.parse().unwrap();
        // "first" was on its way out, or still took a place.
        assert!(notice.contains("WARN") && (10..=11).contains(&count), "{notice}");
        for _ in 0..BYTES_MAX / line.len() + 10 - count as usize {
            assert_eq!(reader.recv_timeout(PATIENCE).unwrap(), line);
        }
        sink.flush_within(PATIENCE);
        sink.write_all(b"last\n").unwrap();
        assert_eq!(reader.recv_timeout(PATIENCE).unwrap(), b"last\n", "and nothing more is told");
    }
}
