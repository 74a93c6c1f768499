//! Whole configurations: what is said when one is wrong, and what comes of a right one.

mod messages;
mod rates;
mod resolved;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::civil::Date;
use tempfile::TempDir;

use super::{ConfigError, Environment, Errand, Settings, load};
use crate::cli;

/// A folder with a configuration, and an environment around it.
struct Scene {
    folder: TempDir,
    variables: Vec<(OsString, OsString)>,
    errand: Errand,
}

impl Scene {
    /// A folder whose `suppliers.toml` only its owner can read.
    fn new(text: &str) -> Self {
        let scene = Self::empty();
        scene.write("suppliers.toml", text);
        scene.only_for_owner("suppliers.toml");
        scene
    }

    fn empty() -> Self {
        Self { folder: TempDir::new().unwrap(), variables: Vec::new(), errand: Errand::Compare }
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn only_for_owner(&self, name: &str) {
        set_mode(&self.path(name), 0o600);
    }

    fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    fn on(mut self, errand: Errand) -> Self {
        self.errand = errand;
        self
    }

    fn environment(&self) -> Environment {
        let today: Date = "2026-11-24".parse().unwrap();
        Environment::new(self.variables.clone(), self.folder.path(), today)
    }

    fn load(&self, flags: &[&str]) -> Result<Settings, ConfigError> {
        let line = ["pricecmp", "widget"].into_iter().chain(flags.iter().copied()).map(OsString::from);
        load(&cli::parse(line).unwrap().flags, self.errand, &self.environment())
    }

    /// What is said, with the folder's name taken out.
    fn error(&self, flags: &[&str]) -> String {
        let text = self.load(flags).unwrap_err().to_string();
        text.replace(&*self.folder.path().to_string_lossy(), "FOLDER")
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
