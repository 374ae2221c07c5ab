//! Has the program built again when the page that it embeds has changed; files that came anew are not noticed otherwise.
#![expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

fn main() {
    println!("cargo::rerun-if-changed=web/dist");
}
