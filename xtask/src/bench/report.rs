//! `docs/benchmarks.md`: one chapter for each benchmark.

use std::{fs, path::PathBuf, process::Command};

use anyhow::Result;

use crate::paths;

/// Puts a chapter, which begins with its own `## ` heading, in the place of the
/// one with the same heading, or at the end.
///
/// # Errors
/// When the file cannot be read or written.
pub fn save(chapter: &str) -> Result<()> {
    let path = paths::root().join("docs/benchmarks.md");
    Ok(fs::write(&path, with_chapter(&fs::read_to_string(&path)?, chapter))?)
}

fn with_chapter(file: &str, chapter: &str) -> String {
    let heading = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let mut parts: Vec<String> = Vec::new();
    for line in file.lines() {
        match parts.last_mut() {
            Some(part) if !line.starts_with("## ") => *part += &format!("{line}\n"),
            _ => parts.push(format!("{line}\n")),
        }
    }
    match parts.iter_mut().find(|part| heading(part) == heading(chapter)) {
        Some(part) => chapter.clone_into(part),
        None => parts.push(chapter.to_owned()),
    }
    parts.iter().map(|part| part.trim()).collect::<Vec<_>>().join("\n\n") + "\n"
}

/// Day, commit and processor of a measurement.
pub fn circumstances() -> String {
    let date = first_line("date", &["-u", "+%Y-%m-%d"]);
    let commit = first_line("git", &["rev-parse", "--short", "HEAD"]);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    format!("{date}, commit {commit}, processor{}", model.map_or(" unknown", |(_, name)| name))
}

fn first_line(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(paths::root()).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// Where benchmarks are built and their peers installed.
pub fn work_dir() -> PathBuf {
    paths::target().join("bench")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chapter_takes_the_place_of_its_predecessor() {
        let file = with_chapter(
            "# Benchmarks\n\nIntroduction.\n\n## A\n\nold\n\n### Table\n\n## B\n\nb\n",
            "## A\n\nnew",
        );
        assert_eq!(file, "# Benchmarks\n\nIntroduction.\n\n## A\n\nnew\n\n## B\n\nb\n");
        assert_eq!(with_chapter(&file, "## C\n\nc\n"), format!("{file}\n## C\n\nc\n"));
    }
}
