//! What feeds compute, against programs that others wrote.

mod decimate;
mod gzip;
mod parameters;
