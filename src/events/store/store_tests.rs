//! The past on disk, beside a model of it.
