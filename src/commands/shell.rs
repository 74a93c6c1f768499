//! `pricecmp schema` and `man`: what other programs want to know of this one.

use std::io::{self, Write};

use clap_mangen::Man;

use crate::cli::{self, SchemaSubject};
use crate::{config, report};

use super::error::Failed;
use super::output;

/// Prints the JSON Schema of the output, or of the configuration.
///
/// # Errors
/// When it cannot be written.
pub(super) fn schema(subject: Option<SchemaSubject>) -> Result<u8, Failed> {
    output::to_stdout(&match subject {
        None | Some(SchemaSubject::Output) => report::output_schema(),
        Some(SchemaSubject::Basket) => report::basket_schema(),
        Some(SchemaSubject::BasketLine) => report::basket_line_schema(),
        Some(SchemaSubject::Explain) => report::explain_schema(),
        Some(SchemaSubject::Health) => report::health_schema(),
        Some(SchemaSubject::History) => report::history_schema(),
        Some(SchemaSubject::KafkaCleanup) => report::topics_schema(),
        Some(SchemaSubject::Sweep) => report::sweep_schema(),
        Some(SchemaSubject::Suppliers) => format!("{:#}\n", config::suppliers_schema()),
    })?;
    Ok(0)
}

/// Prints the manual page, which covers the program and every subcommand.
///
/// # Errors
/// When it cannot be written.
pub(super) fn man() -> Result<u8, Failed> {
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = manual(&mut page);
    output::to_stdout(&String::from_utf8_lossy(&page))?;
    Ok(0)
}

fn manual(page: &mut Vec<u8>) -> io::Result<()> {
    // The page leaves out the descriptions of flags that the short help leaves out.
    let whole = cli::command().mut_args(|flag| flag.hide_short_help(false));
    let program = Man::new(whole.clone());
    program.render_title(page)?;
    program.render_name_section(page)?;
    program.render_synopsis_section(page)?;
    program.render_description_section(page)?;
    program.render_options_section(page)?;
    page.extend_from_slice(b".SH COMMANDS\n");
    let flags: Vec<&clap::Arg> = whole.get_arguments().filter(|flag| flag.is_global_set()).collect();
    for command in whole.get_subcommands() {
        about_command(command, &flags, page)?;
    }
    program.render_extra_section(page)?;
    program.render_version_section(page)
}

/// One subcommand, as a part of the page: how it is called, what it is for, its own arguments, and which of the flags
/// that are described above mean something to it.
fn about_command(command: &clap::Command, flags: &[&clap::Arg], page: &mut Vec<u8>) -> io::Result<()> {
    let name = command.get_name().to_owned();
    let hidden = |id: &clap::Id| command.get_arguments().any(|own| own.get_id() == id && own.is_hide_set());
    let shared = flags.iter().filter(|flag| !hidden(flag.get_id())).filter_map(|flag| flag.get_long());
    let shared: Vec<String> = shared.map(|flag| format!(r"\fB\-\-{}\fR", flag.replace('-', r"\-"))).collect();
    let own = command.clone().bin_name(format!("pricecmp {name}")).disable_help_flag(true);
    let own = Man::new(own);
    let (mut synopsis, mut description, mut options) = (Vec::new(), Vec::new(), Vec::new());
    own.render_synopsis_section(&mut synopsis)?;
    own.render_description_section(&mut description)?;
    own.render_options_section(&mut options)?;
    writeln!(page, ".SS pricecmp {name}")?;
    for section in [synopsis, description, options] {
        page.extend_from_slice(without_heads(&String::from_utf8_lossy(&section)).as_bytes());
    }
    if !shared.is_empty() {
        writeln!(page, ".PP\nFlags described above that apply: {}", shared.join(", "))?;
    }
    Ok(())
}

/// A section of a page of its own, as a paragraph of another one.
fn without_heads(section: &str) -> String {
    let is_preamble = |line: &&str| line.starts_with(".ie ") || line.starts_with(".el ");
    let lines = section.lines().filter(|line| !is_preamble(line));
    lines.map(|line| if line.starts_with(".SH ") { ".PP\n".to_owned() } else { format!("{line}\n") }).collect()
}
