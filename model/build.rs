//! Lists what the command contains: the model in use and the recorded bars.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let public = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../public").canonicalize()?;
    let (models, replay) = (public.join("models"), public.join("replay"));
    println!("cargo::rerun-if-changed={}", models.display());
    println!("cargo::rerun-if-changed={}", replay.display());

    let id = fs::read_to_string(models.join("current"))?;
    let model = models.join(id.trim());
    let mut text = String::new();
    for (name, file) in
        [("MANIFEST", model.join("manifest.json")), ("CATALOGUE", replay.join("manifest.json"))]
    {
        text += &format!("pub const {name}: &[u8] = include_bytes!({file:?});\n");
    }
    text += &format!("pub const WEIGHTS: &[u8] = include_bytes!({:?});\n", model.join("model.safetensors"));
    let curves = model.join("curves.json");
    let curves = if curves.exists() { format!("Some(include_bytes!({curves:?}))") } else { "None".into() };
    text += &format!("pub const CURVES: Option<&[u8]> = {curves};\n");
    text += "pub const RECORDINGS: &[(&str, &[u8])] = &[\n";
    for file in recordings(&replay)? {
        let symbol = file.file_stem().unwrap_or_default();
        text += &format!("    ({symbol:?}, include_bytes!({file:?})),\n");
    }
    text += "];\n";
    fs::write(Path::new(&env::var("OUT_DIR")?).join("built_in.rs"), text)?;
    Ok(())
}

fn recordings(replay: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let paths: Result<Vec<PathBuf>, _> =
        fs::read_dir(replay)?.map(|file| file.map(|file| file.path())).collect();
    let mut paths = paths?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "arrow"));
    paths.sort();
    Ok(paths)
}
