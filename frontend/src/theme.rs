//! Light and dark, as the system says or the reader chose.

use leptos::prelude::*;

use crate::chart::Palette;

const STORAGE_KEY: &str = "tickwise-theme";

/// The theme in use.
#[derive(Clone, Copy)]
pub struct ThemeSignal(RwSignal<bool>);

impl ThemeSignal {
    /// The stored choice, else the system's.
    pub fn new() -> Self {
        let dark = RwSignal::new(stored().unwrap_or_else(system_is_dark));
        Effect::new(move |_| mark_document(dark.get()));
        Self(dark)
    }

    /// Whether it is dark.
    pub fn is_dark(&self) -> bool {
        self.0.get()
    }

    /// The chart's colours, without following changes.
    pub fn palette(&self) -> Palette {
        if self.0.get_untracked() { Palette::DARK } else { Palette::LIGHT }
    }

    /// Changes and remembers it.
    pub fn toggle(&self) {
        self.0.update(|dark| *dark = !*dark);
        if let Some(storage) = storage() {
            // A full or forbidden storage only forgets the choice.
            let _ = storage.set_item(STORAGE_KEY, if self.0.get_untracked() { "dark" } else { "light" });
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn stored() -> Option<bool> {
    storage()?.get_item(STORAGE_KEY).ok()?.map(|theme| theme == "dark")
}

fn system_is_dark() -> bool {
    let query =
        web_sys::window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok()?);
    query.is_some_and(|query| query.matches())
}

fn mark_document(dark: bool) {
    let root = web_sys::window().and_then(|window| window.document()?.document_element());
    if let Some(root) = root {
        let _ = root.set_attribute("data-theme", if dark { "dark" } else { "light" });
    }
}
