//! Finding the device to open and saying what there is when it is not found.

use std::time::Duration;

use super::choice::{Mismatch, Name, choose, default_candidates, listed};
use super::host::{Host, Input, Reason, Refusal};
use super::plan::{Offer, UNREADABLE, channel_counts, kinds, rates_hz};
use super::quiet::Complaints;
use super::thread::Inquiry;
use crate::source::{DeviceInfo, SourceError};

/// Longest wait for the list of devices: each is opened, and sound servers take their time.
const LIST_PATIENCE: Duration = Duration::from_secs(10);

/// One for the whole program, which has one sound system.
static LISTING: Inquiry = Inquiry::new();

/// Stands for the device where the sound system itself fails.
const ANY: &str = "(any)";

/// How many devices a hint names.
const HINT_DEVICES: usize = 4;

/// Lists the input devices of this machine; `wanted` is the value of `source.device`, which decides which one is
/// marked as the default.
///
/// Blocks for up to two seconds, at most ten; not for tokio workers. One listing at a time.
///
/// # Errors
/// `Unavailable` when the sound system does not answer, or has not answered before.
pub fn input_devices(wanted: Option<&str>) -> Result<Vec<DeviceInfo>, SourceError> {
    let wanted = wanted.map(str::to_owned);
    let unavailable = |detail| SourceError::Unavailable { device: ANY.into(), detail };
    LISTING.ask(LIST_PATIENCE, move || list(wanted.as_deref())).map_err(unavailable)?
}

/// Finds the device that `wanted` names, or the default, and what it offers.
pub(super) fn find(host: &Host, wanted: Option<&str>) -> Result<(Input, Vec<Offer>), SourceError> {
    let mut inputs = host.inputs().map_err(|refusal| no_host(&refusal))?;
    let Some(wanted) = wanted else { return find_default(inputs) };
    let names = names(&inputs);
    let input = match choose(&names, wanted) {
        Ok(index) => inputs.swap_remove(index),
        Err(Mismatch::None) => host
            .by_id(wanted)
            .or_else(|| host.by_id(&format!("alsa:{wanted}")))
            .ok_or_else(|| SourceError::Absent { wanted: wanted.to_owned(), hint: hint(&inputs) })?,
        Err(Mismatch::Several(indices)) => return Err(ambiguous(wanted, &names, &indices)),
    };
    let offers = input.offers().map_err(|refusal| refused(&input.name.id, &refusal))?;
    Ok((input, offers))
}

/// The first device that can be opened and read; else the reason of the first that is there at all.
fn find_default(inputs: Vec<Input>) -> Result<(Input, Vec<Offer>), SourceError> {
    let names = names(&inputs);
    let mut inputs: Vec<Option<Input>> = inputs.into_iter().map(Some).collect();
    let mut held_up = None;
    for input in default_candidates(&names).into_iter().filter_map(|index| inputs[index].take()) {
        match input.offers() {
            Ok(offers) if !offers.is_empty() => return Ok((input, offers)),
            Err(refusal) if matches!(refusal.reason, Reason::Busy | Reason::Denied) => {
                held_up.get_or_insert_with(|| refused(&input.name.id, &refusal));
            }
            Ok(_) | Err(_) => {}
        }
    }
    let hint = "no input device; --source sim runs the simulation".to_owned();
    Err(held_up.unwrap_or_else(|| SourceError::Absent { wanted: "default".into(), hint }))
}

/// What a refusal means for the device.
pub(super) fn refused(device: &str, refusal: &Refusal) -> SourceError {
    let unavailable = |detail: String| SourceError::Unavailable { device: device.to_owned(), detail };
    match refusal.reason {
        Reason::Absent => SourceError::Absent {
            wanted: device.to_owned(),
            hint: "plug it in or switch it on; it is used as soon as it answers".into(),
        },
        Reason::Busy => unavailable("another program uses it; `fuser -v /dev/snd/*` shows which".into()),
        Reason::Denied => {
            unavailable("permission denied; the user has to be in group audio (Docker: --group-add audio)".into())
        }
        Reason::Unsupported | Reason::Other => unavailable(refusal.detail.clone()),
    }
}

/// What it means that the sound system itself cannot be had.
pub(super) fn no_host(refusal: &Refusal) -> SourceError {
    SourceError::Unavailable { device: ANY.into(), detail: refusal.detail.clone() }
}

fn ambiguous(wanted: &str, names: &[Name], indices: &[usize]) -> SourceError {
    let ids: Vec<&str> = indices.iter().map(|index| names[*index].id.as_str()).collect();
    let problem = format!("{wanted:?} means several devices; use the id of one of them: {}", ids.join(", "));
    SourceError::Unusable { key: "source.device", problem }
}

/// Names the devices that [`input_devices`] would list.
fn hint(inputs: &[Input]) -> String {
    let mut shown =
        listed(&names(inputs)).into_iter().map(|index| &inputs[index]).filter(|input| is_there(&input.offers()));
    let some: Vec<&str> = shown.by_ref().take(HINT_DEVICES).map(|input| input.name.id.as_str()).collect();
    if some.is_empty() {
        return "this machine has no input device now; --source sim runs the simulation".into();
    }
    let more = if shown.next().is_some() { ", …" } else { "" };
    format!("there is {}{more}; `photophone devices` tells more", some.join(", "))
}

fn list(wanted: Option<&str>) -> Result<Vec<DeviceInfo>, SourceError> {
    let _complaints = Complaints::of_this_thread();
    let host = Host::open().map_err(|refusal| no_host(&refusal))?;
    let default = find(&host, wanted).ok().map(|(input, _)| input.name.id);
    let inputs = host.inputs().map_err(|refusal| no_host(&refusal))?;
    let infos = listed(&names(&inputs))
        .into_iter()
        .filter_map(|index| describe(&inputs[index], host.name(), default.as_deref()));
    Ok(infos.collect())
}

fn names(inputs: &[Input]) -> Vec<Name> {
    inputs.iter().map(|input| input.name.clone()).collect()
}

/// Whether a device that answered so is an input of this machine now. ALSA's configuration names devices, `default`
/// first of all, whether there is a card or not.
fn is_there(offers: &Result<Vec<Offer>, Refusal>) -> bool {
    !matches!(offers, Err(Refusal { reason: Reason::Absent | Reason::Unsupported, .. }))
}

/// None for what turns out to be no input, or not there.
fn describe(input: &Input, host: &str, default: Option<&str>) -> Option<DeviceInfo> {
    let offers = input.offers();
    if !is_there(&offers) {
        return None;
    }
    let (offers, problem) = match offers {
        Ok(offers) if offers.is_empty() => (offers, Some(UNREADABLE.to_owned())),
        Ok(offers) => (offers, None),
        Err(refusal) => match refused(&input.name.id, &refusal) {
            SourceError::Unavailable { detail, .. } => (Vec::new(), Some(detail)),
            other => (Vec::new(), Some(other.to_string())),
        },
    };
    Some(DeviceInfo {
        id: input.name.id.clone(),
        name: input.name.name.clone(),
        host: host.to_owned(),
        channels: channel_counts(&offers),
        rates: rates_hz(&offers),
        formats: kinds(&offers).iter().map(ToString::to_string).collect(),
        default: default == Some(input.name.id.as_str()),
        problem,
    })
}
