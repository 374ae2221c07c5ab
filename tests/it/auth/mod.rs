//! Tokens and origins over real HTTP: tables of attacks, each refused with the right status and word.

mod attacks;
mod expiry;
mod origins;
mod providers;
