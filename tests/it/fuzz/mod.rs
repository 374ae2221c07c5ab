//! Fuzz bodies over their seeds and seeded mutations of them: short here, a hundred times longer in `make soak`.

mod mutation;

#[path = "../../fuzz/mod.rs"]
mod bodies;

use crate::support::raw::head;
use crate::support::server::Lab;
use crate::support::soak;
use mutation::Mutations;

/// Runs `body` on all seeds, then on `rounds` mutations.
fn run(name: &str, rounds: usize, seeds: Vec<Vec<u8>>, body: impl Fn(&[u8])) {
    seeds.iter().for_each(|seed| body(seed));
    let random_seed = soak::seed(name);
    for data in Mutations::new(seeds, random_seed).take(soak::lengthened(rounds, 100 * rounds)) {
        let before_panic = ShowOnPanic(&data);
        body(&data);
        drop(before_panic);
    }
}

/// Prints the input at hand when the body panics.
struct ShowOnPanic<'a>(&'a [u8]);

impl Drop for ShowOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("input: \"{}\"", self.0.escape_ascii());
        }
    }
}

#[test]
fn wav() {
    run("wav", 20_000, bodies::wav::seeds(), bodies::wav::wav);
}

#[test]
fn config() {
    run("config", 1000, bodies::config::seeds(), bodies::config::config);
}

#[test]
fn events() {
    let bench = bodies::events::Bench::new();
    run("events", 10_000, bodies::events::seeds(), |data| bench.events(data));
}

#[test]
fn parameters() {
    run("parameters", 20_000, bodies::parameters::seeds(), bodies::parameters::parameters);
}

/// Over a socket, and in the log nothing worse than that.
#[test]
fn query() {
    let server = Lab::simulated("tone").start();
    let token = server.token("stream:read");
    let seeds = [
        "audio?format=i16&channels=a&decimate=4&fps=10&policy=lossless&stream=live",
        "audio?max_kbps=500&policy=strict",
        "envelope?column_samples=64&channels=b",
        "levels?fps=0.5",
        "spectral?size=1024&window=kaiser:8.6&averaging=exp:0.25&scale=psd&unit=dbfs&peaks=3&bins=log:200&max_hz=9e3",
        "spectral?averaging=linear:4&cross=true&overlap=0.75&phase=false",
        "lockin?reference=1000&harmonic=2&tau_s=0.01&slope=12&fps=5",
        "audio?%66ormat=%6a%73on&+=%2b&%00=%ff&&=&#",
    ];
    run("query", 150, seeds.map(|seed| seed.as_bytes().to_vec()).into(), |data| {
        let path: String = data.iter().map(|byte| visible(*byte)).collect();
        // Of a stream that opens, the head alone.
        let request = format!(
            "GET /api/audio/stream/{path} HTTP/1.1\r\nHost: lab\r\nAuthorization: Bearer {token}\r\n\
            Connection: close\r\n\r\n"
        );
        let (status, head) = head(&server, request);
        assert!([200, 400, 404, 426, 503].contains(&status), "{path}: {head}");
    });
    assert!(!server.log().contains("ERROR") && !server.log().contains("panicked"), "{}", server.log());
}

/// As it can stand in the first line of a request.
fn visible(byte: u8) -> String {
    if byte.is_ascii_graphic() { char::from(byte).into() } else { format!("%{byte:02x}") }
}

#[test]
fn token() {
    let bench = bodies::token::Bench::new();
    run("token", 10_000, bodies::token::seeds(), |data| bench.token(data));
}

#[test]
fn wire() {
    run("wire", 20_000, bodies::wire::seeds(), bodies::wire::wire);
}

#[test]
fn binary() {
    run("binary", 20_000, bodies::binary::seeds(), bodies::binary::binary);
}
