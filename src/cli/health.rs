//! `ocm health`: ask a server on this machine whether it is ready, for containers that have no other client.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::print_result;

/// Time to connect, and for each part of the answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// Longest answer read, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Ask a server on this machine whether it is ready
///
/// Exit status: 0 it answers 200, 1 it does not. Only loopback addresses are asked.
#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    /// What to ask; /health/live asks only whether the process serves
    #[arg(long, value_name = "URL", env = "OCM_HEALTH_URL", default_value = "http://127.0.0.1:7878/health/ready")]
    url: String,
}

pub(crate) fn run(args: &HealthArgs) -> anyhow::Result<ExitCode> {
    let (authority, path) = split(&args.url)?;
    let answer = ask(authority, path).with_context(|| format!("{} does not answer", args.url))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let well = head.split(' ').nth(1) == Some("200");
    print_result(&format!("{}\n{}\n", head.lines().next().unwrap_or_default(), body.trim()))?;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Host and port, and path, of an `http` URL.
fn split(url: &str) -> anyhow::Result<(&str, &str)> {
    let rest = url.strip_prefix("http://").context("the URL begins with http://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let sound = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    ensure!(!authority.is_empty() && sound(rest), "the URL looks like http://127.0.0.1:7878/health/ready");
    Ok((authority, if path.is_empty() { "/health/ready" } else { path }))
}

fn ask(authority: &str, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect_timeout(&loopback(authority)?, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The address of a host on this machine, with port 80 when none is given.
fn loopback(authority: &str) -> anyhow::Result<SocketAddr> {
    let addresses: io::Result<Vec<SocketAddr>> = match authority.to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(_) => format!("{authority}:80").to_socket_addrs().map(Iterator::collect),
    };
    match addresses?.into_iter().find(|address| address.ip().to_canonical().is_loopback()) {
        Some(address) => Ok(address),
        None => bail!("{authority} is not this machine: only loopback addresses are asked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked() {
        for near in ["127.0.0.1:7878", "127.9.9.9:1", "[::1]:80", "127.0.0.1"] {
            assert!(loopback(near).is_ok(), "{near}");
        }
        for far in ["192.0.2.1:80", "[2001:db8::1]:80", "0.0.0.0:80"] {
            assert!(loopback(far).is_err(), "{far}");
        }
    }

    #[test]
    fn a_url_is_taken_apart() {
        assert_eq!(split("http://127.0.0.1:1").unwrap(), ("127.0.0.1:1", "/health/ready"));
        assert_eq!(split("http://[::1]:1/health/live").unwrap(), ("[::1]:1", "/health/live"));
        for bad in ["127.0.0.1", "https://127.0.0.1/", "http:///x", "http://127.0.0.1/a b", "http://h/\r\nX: y"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }
}
