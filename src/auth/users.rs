//! The users of a data directory: `users.json` with names, scopes and argon2id hashes of their passwords.
//!
//! The file is read at each login, so a change by the command line holds at once and needs no signal. Sessions that
//! are already open live on until their token ends.

use std::path::{Path, PathBuf};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use serde::{Deserialize, Serialize};

use super::error::{StoreError, UserError};
use super::login_link::OWNER;
use super::private;
use super::scope::Scopes;

/// Shortest password in characters (NIST SP 800-63B, section 5.1.1.1).
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Longest password in bytes.
pub const MAX_PASSWORD_BYTES: usize = 1024;

const MAX_NAME_BYTES: usize = 64;
const FILE: &str = "users.json";
/// Some 4000 users.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Verified when the user is unknown, so that the answer takes as long as for one who exists; nobody's hash.
pub(super) const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cGhvdG9waG9uZSBub2JvZHk$KTl8AqSS+LTdnuxrnmWyU0WlBkkhqvIm2wgifrMyJZ4";

/// The users of one data directory.
#[derive(Clone, Debug)]
pub struct Users {
    data_dir: PathBuf,
}

/// What `add` does with a user that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse.
    Refuse,
    /// Give the user the new password and scopes.
    Replace,
}

/// A user as others may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// The name, `sub` of the user's tokens.
    pub name: String,
    /// What the user's tokens permit.
    pub scope: Scopes,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireUsers {
    users: Vec<WireUser>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireUser {
    name: String,
    scope: Scopes,
    /// PHC string.
    password: String,
}

impl Users {
    /// The users kept in `data_dir`; the directory and its file are made by the first [`Users::add`].
    pub fn in_dir(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.into() }
    }

    /// Adds a user. Takes some 50 ms of CPU for the hash.
    ///
    /// # Errors
    /// [`UserError`]: name or password not accepted, name taken, or the file failed.
    pub fn add(&self, name: &str, password: &str, scope: Scopes, existing: Existing) -> Result<(), UserError> {
        check_name(name)?;
        let password = hash(password)?;
        let _lock = private::lock(&self.data_dir)?;
        let mut file = self.load()?;
        if file.users.iter().any(|user| user.name == name) {
            if existing == Existing::Refuse {
                return Err(UserError::Exists { name: name.into() });
            }
            file.users.retain(|user| user.name != name);
        }
        file.users.push(WireUser { name: name.into(), scope, password });
        file.users.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(self.store(&file)?)
    }

    /// All users, sorted by name.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be read.
    pub fn list(&self) -> Result<Vec<User>, StoreError> {
        Ok(self.load()?.users.into_iter().map(|user| User { name: user.name, scope: user.scope }).collect())
    }

    /// Removes a user.
    ///
    /// # Errors
    /// [`UserError::Unknown`] when there is none of this name, or the file failed.
    pub fn remove(&self, name: &str) -> Result<(), UserError> {
        let _lock = private::lock(&self.data_dir)?;
        let mut file = self.load()?;
        let before = file.users.len();
        file.users.retain(|user| user.name != name);
        if file.users.len() == before {
            return Err(UserError::Unknown { name: name.into() });
        }
        Ok(self.store(&file)?)
    }

    /// The user's scopes if name and password are right, else `None`. Takes some 50 ms of CPU either way: not for
    /// tokio workers.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be read.
    pub fn verify(&self, name: &str, password: &str) -> Result<Option<Scopes>, StoreError> {
        let user = self.load()?.users.into_iter().find(|user| user.name == name);
        let phc = user.as_ref().map_or(NOBODY, |user| &user.password);
        let fits = password.len() <= MAX_PASSWORD_BYTES
            && PasswordHash::new(phc)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        Ok(user.filter(|_| fits).map(|user| user.scope))
    }

    fn path(&self) -> PathBuf {
        self.data_dir.join(FILE)
    }

    fn load(&self) -> Result<WireUsers, StoreError> {
        let path = self.path();
        let Some(content) = private::read(&path, MAX_FILE_BYTES)? else { return Ok(WireUsers::default()) };
        let file: WireUsers =
            serde_json::from_slice(&content).map_err(|error| StoreError::malformed(&path, error.to_string()))?;
        match file.users.iter().find(|user| !is_hash(&user.password)) {
            Some(user) => {
                let reason = format!("password of user {:?} is not an argon2id hash: add the user again", user.name);
                Err(StoreError::malformed(&path, reason))
            }
            None => Ok(file),
        }
    }

    fn store(&self, file: &WireUsers) -> Result<(), StoreError> {
        let path = self.path();
        let mut content =
            serde_json::to_vec_pretty(file).map_err(|error| StoreError::malformed(&path, error.to_string()))?;
        content.push(b'\n');
        private::replace(&path, &content)
    }
}

fn hash(password: &str) -> Result<String, UserError> {
    if password.chars().count() < MIN_PASSWORD_CHARS || password.len() > MAX_PASSWORD_BYTES {
        return Err(UserError::Password);
    }
    match Argon2::default().hash_password(password.as_bytes()) {
        Ok(hash) => Ok(hash.to_string()),
        Err(error) => Err(UserError::Hash(error.to_string())),
    }
}

fn is_hash(phc: &str) -> bool {
    phc.starts_with("$argon2id$") && PasswordHash::new(phc).is_ok()
}

fn check_name(name: &str) -> Result<(), UserError> {
    let refuse = |reason| Err(UserError::Name { name: name.into(), reason });
    if !(1..=MAX_NAME_BYTES).contains(&name.len()) {
        return refuse("has not 1 to 64 characters");
    }
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-@".contains(&byte)) {
        return refuse("has others than a-z 0-9 . _ - @");
    }
    if name.starts_with(|first: char| !first.is_ascii_alphanumeric()) {
        return refuse("does not begin with a letter or digit");
    }
    if name == OWNER { refuse("is that of whoever follows a one-time link") } else { Ok(()) }
}
