use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use clap_mangen::Man;

use super::Usage;

/// `tickwise man`
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tickwise man | man -l -\n  tickwise man predict | man -l -\n  tickwise man --dir ~/.local/share/man/man1    # then: man tickwise, man tickwise-predict"
)]
pub struct Options {
    /// Command, such as predict or bench forecast [default: tickwise itself]
    #[arg(conflicts_with = "dir")]
    command: Vec<String>,
    /// Write the pages of all commands into a folder instead
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints a page, or writes all.
pub fn run(options: &Options) -> Result<()> {
    let mut root = crate::command().disable_help_subcommand(true);
    if let Some(dir) = &options.dir {
        let explain = || format!("{} cannot be written; name another folder", dir.display());
        fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(root, dir)).with_context(explain)?;
        return super::print(&format!("Wrote the man pages into {}\n", dir.display()));
    }
    // Gives every command its whole name.
    root.build();
    let found = options.command.iter().try_fold(&root, |command, name| command.find_subcommand(name));
    let command = found.ok_or(Usage("no such command; `tickwise --help` lists them"))?;
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    super::print(&String::from_utf8(page)?)
}
