//! Which device is meant: by stable id, by name or part of it, or the default. Pure.
//!
//! ALSA shows one piece of hardware under many names. `hw:` is the hardware itself, `plughw:` the same with
//! conversions, `default` the sound server or whatever the user made it; names such as `front:` or `dsnoop:` are
//! further routes to the same card, which can be opened by id but are not listed.

/// What a device is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Stable id, e.g. `alsa:hw:CARD=USB,DEV=0`.
    pub(super) id: String,
    /// Human name; several devices may share it.
    pub(super) name: String,
}

/// Why no device was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// Nothing matches.
    None,
    /// These match equally well, by index.
    Several(Vec<usize>),
}

/// Routes to a card that are not listed, and the bit bucket: each card has `hw:` and `plughw:` beside them.
const HIDDEN_ROUTES: &str = "null sysdefault front rear center_lfe side surround21 surround40 surround41 surround50 \
                             surround51 surround71 iec958 dmix dsnoop usbstream";

/// Plugins of Debian's ALSA configuration that convert `default` further, and the bit bucket.
const NEVER_DEFAULT: &str = "null lavrate samplerate speexrate speex upmix vdownmix jack oss";

/// Finds the device that `wanted` names among `devices`.
///
/// The id (with or without its host) wins over the exact name, that over a part of name or id in any case. Where a
/// name is shared, the most direct route to the device is meant.
pub(super) fn choose(devices: &[Name], wanted: &str) -> Result<usize, Mismatch> {
    let lower = wanted.to_lowercase();
    let by_id = |name: &Name| name.id == wanted || name.id.split_once(':').is_some_and(|(_, pcm)| pcm == wanted);
    let by_name = |name: &Name| name.name == wanted;
    let by_part = |name: &Name| name.name.to_lowercase().contains(&lower) || name.id.to_lowercase().contains(&lower);
    let tests: [&dyn Fn(&Name) -> bool; 3] = [&by_id, &by_name, &by_part];
    for test in tests {
        let found: Vec<usize> = (0..devices.len()).filter(|index| test(&devices[*index])).collect();
        let best = found.iter().map(|index| directness(&devices[*index].id)).min();
        let found: Vec<usize> =
            found.into_iter().filter(|index| Some(directness(&devices[*index].id)) == best).collect();
        match found.as_slice() {
            [] => {}
            [only] => return Ok(*only),
            _ => return Err(Mismatch::Several(found)),
        }
    }
    Err(Mismatch::None)
}

/// Devices that may be the default, in the order in which they are tried: the hardware before what stands before it.
pub(super) fn default_candidates(devices: &[Name]) -> Vec<usize> {
    let may_be = |index: &usize| !is_among(NEVER_DEFAULT, &devices[*index]);
    let mut candidates: Vec<usize> = (0..devices.len()).filter(may_be).collect();
    candidates.sort_by_key(|index| directness(&devices[*index].id));
    candidates
}

/// Devices that are shown to the user: one line per route worth choosing.
pub(super) fn listed(devices: &[Name]) -> Vec<usize> {
    let shown = |name: &Name| !is_among(HIDDEN_ROUTES, name) && !is_numbered_alias(name, devices);
    (0..devices.len()).filter(|index| shown(&devices[*index])).collect()
}

fn is_among(routes: &str, name: &Name) -> bool {
    routes.split(' ').any(|hidden| hidden == route(&name.id))
}

/// Whether this is `hw:CARD=0,DEV=0` beside `hw:CARD=USB,DEV=0`: card numbers change from boot to boot.
fn is_numbered_alias(name: &Name, devices: &[Name]) -> bool {
    let numbered = |id: &str| card(id).is_some_and(|card| card.bytes().all(|byte| byte.is_ascii_digit()));
    let same = |other: &Name| {
        other.name == name.name
            && route(&other.id) == route(&name.id)
            && device_number(&other.id) == device_number(&name.id)
            && !numbered(&other.id)
    };
    numbered(&name.id) && devices.iter().any(same)
}

/// `alsa:hw:CARD=USB,DEV=0` → `hw`.
fn route(id: &str) -> &str {
    let pcm = id.split_once(':').map_or(id, |(_, pcm)| pcm);
    pcm.split_once(':').map_or(pcm, |(route, _)| route)
}

fn card(id: &str) -> Option<&str> {
    id.split_once("CARD=").map(|(_, rest)| rest.split_once(',').map_or(rest, |(card, _)| card))
}

fn device_number(id: &str) -> Option<&str> {
    id.split_once("DEV=").map(|(_, device)| device)
}

/// How much stands between this route and the hardware; less is better.
fn directness(id: &str) -> u8 {
    match route(id) {
        "hw" => 0,
        "plughw" => 1,
        "default" => 2,
        "pipewire" | "pulse" => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Vec<Name> {
        [
            ("alsa:null", "Discard all samples"),
            ("alsa:pipewire", "PipeWire Sound Server"),
            ("alsa:default", "Default ALSA Output"),
            ("alsa:sysdefault:CARD=PCH", "HDA Intel PCH, ALC3234 Analog"),
            ("alsa:hw:CARD=PCH,DEV=0", "HDA Intel PCH, ALC3234 Analog"),
            ("alsa:plughw:CARD=PCH,DEV=0", "HDA Intel PCH, ALC3234 Analog"),
            ("alsa:hw:CARD=Device,DEV=0", "USB Audio Device, USB Audio"),
            ("alsa:hw:CARD=Device_1,DEV=0", "USB Audio Device, USB Audio"),
            ("alsa:hw:CARD=0,DEV=0", "HDA Intel PCH, ALC3234 Analog"),
            ("alsa:hw:CARD=1,DEV=0", "USB Audio Device, USB Audio"),
        ]
        .map(|(id, name)| Name { id: id.into(), name: name.into() })
        .into()
    }

    #[test]
    fn devices_are_found_by_id_then_name_then_part() {
        let machine = machine();
        assert_eq!(choose(&machine, "alsa:hw:CARD=Device_1,DEV=0"), Ok(7));
        assert_eq!(choose(&machine, "plughw:CARD=PCH,DEV=0"), Ok(5));
        assert_eq!(choose(&machine, "PipeWire Sound Server"), Ok(1));
        assert_eq!(choose(&machine, "pipewire"), Ok(1));
        assert_eq!(choose(&machine, "sysdefault"), Ok(3));
        assert_eq!(choose(&machine, "Zoom"), Err(Mismatch::None));
    }

    #[test]
    fn a_shared_name_means_the_hardware_and_two_of_a_kind_are_ambiguous() {
        let machine: Vec<Name> = machine().into_iter().take(8).collect();
        assert_eq!(choose(&machine, "alc3234"), Ok(4));
        assert_eq!(choose(&machine, "USB Audio Device, USB Audio"), Err(Mismatch::Several(vec![6, 7])));
    }

    #[test]
    fn the_default_is_hardware_and_never_the_bit_bucket() {
        let order = default_candidates(&machine());
        assert_eq!(order[0], 4);
        assert!(!order.contains(&0));
        let server_only: Vec<Name> = machine().into_iter().take(3).collect();
        assert_eq!(default_candidates(&server_only), [2, 1]);
    }

    #[test]
    fn each_device_is_listed_once_per_useful_route() {
        assert_eq!(listed(&machine()), [1, 2, 4, 5, 6, 7]);
    }
}
