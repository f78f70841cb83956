//! wasm-bindgen as a library, and under the name of its command for Trunk.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Parser;
use wasm_bindgen_cli_support::Bindgen;

use crate::paths;

/// Where a module's JavaScript runs.
#[derive(Clone, Copy, Debug)]
pub enum Host {
    /// A page.
    Browser,
    /// workerd; a module that has trapped can be set back.
    Edge,
    /// Node.js.
    Node,
}

/// Writes `NAME.js` and `NAME_bg.wasm` into a folder.
///
/// # Errors
/// When the module was not built with this version of wasm-bindgen.
pub fn generate(wasm: &Path, folder: &Path, name: &str, host: Host) -> Result<()> {
    let mut bindgen = Bindgen::new();
    match host {
        // Without an argument a module is fetched from beside its JavaScript.
        Host::Browser => bindgen.web(true)?.omit_default_module_path(false),
        Host::Edge => bindgen.module(true)?.reset_state_function(true).force_enable_abort_handler(true),
        Host::Node => bindgen.nodejs(true)?,
    };
    bindgen.input_path(wasm).out_name(name).typescript(false).generate(folder)
}

/// The words with which Trunk calls wasm-bindgen.
#[derive(Parser)]
#[command(name = COMMAND)]
struct Call {
    input: PathBuf,
    #[arg(long, value_parser = ["web"])]
    target: String,
    #[arg(long)]
    out_dir: PathBuf,
    #[arg(long)]
    out_name: String,
    #[arg(long, required = true)]
    no_typescript: bool,
}

const COMMAND: &str = "wasm-bindgen";

/// Does what wasm-bindgen does where this program was called by its name; `None` elsewhere.
pub fn called_by_name() -> Option<Result<()>> {
    let name = env::args_os().next()?;
    if Path::new(&name).file_stem()? != COMMAND {
        return None;
    }
    if env::args_os().nth(1).is_some_and(|word| word == "--version") {
        println!("{COMMAND} {}", wasm_bindgen_shared::version());
        return Some(Ok(()));
    }
    let call = Call::parse();
    Some(generate(&call.input, &call.out_dir, &call.out_name, Host::Browser))
}

/// A folder for the PATH in which `wasm-bindgen` is this program: Trunk would download one.
///
/// # Errors
/// When it cannot be written.
pub fn command_folder() -> Result<PathBuf> {
    let folder = paths::target().join("xtask-bin");
    let command = folder.join(format!("{COMMAND}{}", env::consts::EXE_SUFFIX));
    let this = env::current_exe()?;
    if fs::read_link(&command).ok().as_ref() != Some(&this) {
        fs::create_dir_all(&folder)?;
        // There may be none, or that of another build.
        let _ = fs::remove_file(&command);
        std::os::unix::fs::symlink(&this, &command).with_context(|| command.display().to_string())?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunk_is_understood() {
        let words = "wasm-bindgen --target=web --out-dir=out --out-name=page page.wasm --no-typescript";
        let call = Call::try_parse_from(words.split(' ')).unwrap();
        assert_eq!((call.input, call.out_name), (PathBuf::from("page.wasm"), "page".into()));
        assert!(Call::try_parse_from(words.replace("web", "nodejs").split(' ')).is_err());
    }

    #[test]
    fn it_is_the_version_that_the_page_is_compiled_with() {
        let lock = fs::read_to_string(paths::root().join("Cargo.lock")).unwrap();
        let version = wasm_bindgen_shared::version();
        assert!(lock.contains(&format!("name = \"wasm-bindgen\"\nversion = \"{version}\"")));
    }
}
