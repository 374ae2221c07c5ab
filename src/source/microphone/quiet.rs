//! ALSA's own complaints: kept off stderr and put into the log instead.
//!
//! Opening what is not there makes alsa-lib print pages of `ALSA lib …` lines. Its error handler is one per thread, so
//! whatever opens devices runs in a thread of its own and holds a [`Complaints`] there.

#[cfg(target_os = "linux")]
mod alsa_lib {
    use std::cell::RefCell;
    use std::rc::Rc;

    /// What alsa-lib had to say in this thread.
    pub(in super::super) struct Complaints(Option<Rc<RefCell<alsa::Output>>>);

    impl Complaints {
        /// Listens in the calling thread from here on.
        pub(in super::super) fn of_this_thread() -> Self {
            Self(alsa::Output::local_error_handler().ok())
        }
    }

    impl Drop for Complaints {
        fn drop(&mut self) {
            let Some(output) = &self.0 else { return };
            output.borrow().buffer_string(|text| {
                for line in String::from_utf8_lossy(text).lines() {
                    log::debug!(target: "alsa", "{line}");
                }
            });
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod alsa_lib {
    /// Nothing to keep quiet.
    pub(in super::super) struct Complaints;

    impl Complaints {
        /// Does nothing.
        pub(in super::super) fn of_this_thread() -> Self {
            Self
        }
    }
}

pub(super) use alsa_lib::Complaints;
