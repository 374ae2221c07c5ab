//! What feeds compute, against programs that others wrote.

mod decimate;
mod ending;
mod gzip;
mod parameters;
