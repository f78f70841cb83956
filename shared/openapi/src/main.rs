//! Writes the description of the API below a folder of static assets:
//! `api/v1/openapi.json`, `api/v1/asyncapi.json` and `docs/api.html`.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = env::args_os().nth(1).map(PathBuf::from).ok_or("usage: tickwise-openapi FOLDER")?;
    let document = tickwise_openapi::document();
    fs::create_dir_all(root.join("api/v1"))?;
    fs::create_dir_all(root.join("docs"))?;
    fs::write(root.join("api/v1/openapi.json"), serde_json::to_vec(&document)?)?;
    fs::write(root.join("api/v1/asyncapi.json"), serde_json::to_vec(&tickwise_openapi::asyncapi())?)?;
    fs::write(root.join("docs/api.html"), tickwise_openapi::page(&document))?;
    Ok(())
}
