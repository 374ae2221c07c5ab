//! Has the program built again when the page that it embeds has changed; files that came anew are not noticed otherwise.

fn main() {
    println!("cargo::rerun-if-changed=web/dist");
}
