//! What a token permits: the closed set of scopes, and the set that one token or user has.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `stream:read`: streams, and reading what later parts derive from them.
    StreamRead,
    /// `events:read`: the event stream.
    EventsRead,
    /// `events:write`: publishing events.
    EventsWrite,
    /// `analytics:read`: the measured quality of viewers' connections.
    AnalyticsRead,
    /// `control:write`: start, stop, acknowledge.
    ControlWrite,
    /// `admin`: everything.
    Admin,
}

impl Scope {
    /// Every scope, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::StreamRead, Self::EventsRead, Self::EventsWrite, Self::AnalyticsRead, Self::ControlWrite, Self::Admin];

    /// Its word in tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StreamRead => "stream:read",
            Self::EventsRead => "events:read",
            Self::EventsWrite => "events:write",
            Self::AnalyticsRead => "analytics:read",
            Self::ControlWrite => "control:write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(word: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word).ok_or(UnknownScope)
    }
}

/// The word is no scope of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of stream:read, events:read, events:write, analytics:read, control:write, admin")]
pub struct UnknownScope;

/// A set of scopes; on the wire (RFC 8693, section 4.2) words with spaces between.
///
/// Words that this program does not know are kept, so that they survive a round trip, and permit nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Scopes {
    known: BTreeSet<Scope>,
    unknown: BTreeSet<String>,
}

impl Scopes {
    /// Every scope: what the local owner has.
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// The set that `words` names; any white space separates.
    pub fn parse(words: &str) -> Self {
        let mut scopes = Self::default();
        for word in words.split_whitespace() {
            match word.parse() {
                Ok(scope) => drop(scopes.known.insert(scope)),
                Err(UnknownScope) => drop(scopes.unknown.insert(word.into())),
            }
        }
        scopes
    }

    /// Whether the set permits what `scope` stands for; `admin` permits all.
    pub fn allows(&self, scope: Scope) -> bool {
        self.known.contains(&scope) || self.known.contains(&Scope::Admin)
    }

    /// The known scopes, in the order of [`Scope::ALL`].
    pub fn known(&self) -> impl Iterator<Item = Scope> + '_ {
        self.known.iter().copied()
    }

    /// The words that are no scope of this program, sorted.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.unknown.iter().map(String::as_str)
    }

    /// Whether there is neither a known nor an unknown scope.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.unknown.is_empty()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self { known: scopes.into_iter().collect(), unknown: BTreeSet::new() }
    }
}

impl From<String> for Scopes {
    fn from(words: String) -> Self {
        Self::parse(&words)
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.known.iter().map(|scope| scope.as_str()).chain(self.unknown());
        for (position, word) in words.enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_permits_itself_only() {
        for granted in Scope::ALL {
            let scopes = Scopes::parse(granted.as_str());
            for asked in Scope::ALL {
                assert_eq!(scopes.allows(asked), asked == granted || granted == Scope::Admin, "{granted} {asked}");
            }
        }
    }

    #[test]
    fn unknown_words_are_kept_and_permit_nothing() {
        let scopes = Scopes::parse(" openid\tstream:read stream:read  Admin STREAM:READ ");
        assert_eq!(scopes.unknown().collect::<Vec<_>>(), ["Admin", "STREAM:READ", "openid"]);
        assert_eq!(scopes.to_string(), "stream:read Admin STREAM:READ openid");
        assert_eq!(Scopes::parse(&scopes.to_string()), scopes);
        assert!(!scopes.allows(Scope::EventsRead));
    }

    #[test]
    fn no_words_are_no_permission() {
        let scopes = Scopes::parse(" \n");
        assert!(scopes.is_empty() && Scope::ALL.into_iter().all(|scope| !scopes.allows(scope)));
    }
}
