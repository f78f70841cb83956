use anyhow::Result;
use clap::{Args, ValueEnum};
use clap_complete::Shell;

/// `tickwise completions`
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tickwise completions bash > ~/.local/share/bash-completion/completions/tickwise\n  tickwise completions zsh > ~/.zfunc/_tickwise    # with fpath+=~/.zfunc before compinit in ~/.zshrc\n  tickwise completions fish > ~/.config/fish/completions/tickwise.fish"
)]
pub struct Options {
    /// The shell
    shell: Kind,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Bash,
    Zsh,
    Fish,
}

/// Prints the script.
pub fn run(options: &Options) -> Result<()> {
    let shell = match options.shell {
        Kind::Bash => Shell::Bash,
        Kind::Zsh => Shell::Zsh,
        Kind::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::command(), "tickwise", &mut script);
    super::print(&String::from_utf8(script)?)
}
