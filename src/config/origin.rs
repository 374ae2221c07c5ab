//! Origins of pages, `scheme://host` or `scheme://host:port`, in the one form in which browsers send them. Another form of
//! the same origin would allow nobody.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::text::shown;

/// What to write instead of `text`; none when a browser could send it.
pub(super) fn expected(text: &str) -> Option<String> {
    match as_sent(text) {
        Some(sent) if sent == text => None,
        Some(sent) => Some(format!("{} instead of {}, as browsers send it", shown(&sent), shown(text))),
        None => {
            Some("origins as browsers send them: scheme://host or scheme://host:port in lower case, no path".into())
        }
    }
}

/// The form that a browser sends for `text` (RFC 6454, section 6.1; WHATWG URL, "host serializing"), if that is plain.
fn as_sent(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://")?;
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, parse_port(port)?),
        _ => (rest, default_port),
    };
    let host = host_as_sent(host)?;
    Some(if port == default_port { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") })
}

fn parse_port(port: &str) -> Option<u16> {
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|port| is_number && *port > 0)
}

fn host_as_sent(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Some(format!("[{}]", ipv6_as_sent(address.parse().ok()?)));
    }
    let is_host_char = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    // Browsers take a host whose last label is a number for an IPv4 address, in whatever notation, and send four numbers
    // (WHATWG URL, "ends in a number checker").
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or_default();
    let is_number = |digits: &str, is_digit: fn(&u8) -> bool| digits.as_bytes().iter().all(is_digit);
    let ends_in_number = !last.is_empty() && is_number(last, u8::is_ascii_digit)
        || last.strip_prefix("0x").is_some_and(|digits| is_number(digits, u8::is_ascii_hexdigit));
    let is_host = !host.is_empty() && host.chars().all(is_host_char);
    (is_host && (!ends_in_number || host.parse::<Ipv4Addr>().is_ok())).then(|| host.to_owned())
}

fn ipv6_as_sent(address: Ipv6Addr) -> String {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("::ffff:{high:x}:{low:x}"),
        (None, _) => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_send_is_taken() {
        for origin in [
            "http://a",
            "https://a.b-c.d:1",
            "http://lab:443",
            "https://lab:80",
            "http://127.0.0.1:3000",
            "http://lab1",
            "http://[::1]",
            "http://[::1]:8080",
            "http://[2001:db8::1]",
            "http://[::ffff:c0a8:1]",
        ] {
            assert_eq!(expected(origin), None, "{origin}");
        }
    }

    #[test]
    fn another_form_is_told_as_it_would_be_right() {
        for (written, sent) in [
            ("http://lab:80", "http://lab"),
            ("https://lab:443", "https://lab"),
            ("http://lab:0080", "http://lab"),
            ("http://lab:03000", "http://lab:3000"),
            ("HTTP://Lab:3000/", "http://lab:3000"),
            ("http://[::1]:80", "http://[::1]"),
            ("http://[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080"),
            ("http://[2001:DB8:0::1]", "http://[2001:db8::1]"),
            ("http://[::ffff:192.168.0.1]", "http://[::ffff:c0a8:1]"),
        ] {
            let told = expected(written);
            assert_eq!(told, Some(format!("{sent} instead of {written}, as browsers send it")));
            assert_eq!(expected(sent), None);
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "*",
            "null",
            "a",
            "//a",
            "http://",
            "http://a/b",
            "http://a//",
            "http://a:0",
            "http://a:x",
            "http://a:",
            "http://a:+1",
            "http://a:65536",
            "http://a?b",
            "http://a b",
            "http://a@b",
            "http://\u{e9}",
            "ftp://a",
            "http://[::1",
            "http://::1",
            "http://127.1",
            "http://192.168.000.1",
            "http://2130706433",
            "http://lab.1",
            "http://0x7f.0.0.1",
            "http://0x7f000001",
            "http://lab.0x1",
            "http://lab.0x",
            "http://1.2.3.4.",
        ] {
            assert!(expected(text).is_some_and(|told| told.starts_with("origins")), "{text}");
        }
    }
}
