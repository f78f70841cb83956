use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use tickwise_market::Symbol;
use tickwise_protocol::{
    Quote,
    stream::{ClientMessage, ServerMessage, Since, StreamError},
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{Server, http::nudged, within};

/// A WebSocket client of the stream.
pub struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When the server does not accept.
    pub async fn connect(server: &Server) -> Result<Self> {
        Self::connect_to(&server.stream_url()).await
    }

    /// Connects to an address.
    ///
    /// # Errors
    /// When nobody accepts there.
    pub async fn connect_to(url: &str) -> Result<Self> {
        Self::open(url, url).await
    }

    async fn open(url: &str, request: impl IntoClientRequest + Unpin) -> Result<Self> {
        let (socket, _) = nudged(url, connect_async(request)).await??;
        Ok(Self(socket))
    }

    /// Connects as if from an address.
    ///
    /// # Errors
    /// When the server does not accept.
    pub async fn connect_from(server: &Server, address: &str) -> Result<Self> {
        let mut request = server.stream_url().into_client_request()?;
        request.headers_mut().insert("cf-connecting-ip", address.parse()?);
        Self::open(&server.stream_url(), request).await
    }

    /// Subscribes, resuming after the given sequence numbers.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn subscribe(&mut self, symbols: &[&str], since: &[(&str, u64)]) -> Result<()> {
        let since: Vec<_> = since.iter().map(|(text, seq)| (*text, Since::Seq(*seq))).collect();
        self.resume(symbols, &since).await
    }

    /// Subscribes, resuming after places in numberings.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn resume(&mut self, symbols: &[&str], since: &[(&str, Since)]) -> Result<()> {
        let parsed = |text: &str| -> Result<Symbol> { Ok(text.parse()?) };
        let symbols = symbols.iter().map(|text| parsed(text)).collect::<Result<_>>()?;
        let since = since.iter().map(|(text, since)| Ok((parsed(text)?, *since)));
        let since = since.collect::<Result<BTreeMap<_, _>>>()?;
        self.send(&serde_json::to_string(&ClientMessage::Subscribe { symbols, since })?).await
    }

    /// Says that everything up to these sequence numbers was used.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn acknowledge(&mut self, seqs: &[(&str, u64)]) -> Result<()> {
        let parsed = |(text, seq): &(&str, u64)| -> Result<(Symbol, u64)> { Ok((text.parse()?, *seq)) };
        let seqs = seqs.iter().map(parsed).collect::<Result<BTreeMap<_, _>>>()?;
        self.send(&serde_json::to_string(&ClientMessage::Ack { seqs })?).await
    }

    /// Sends any text.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send(&mut self, text: &str) -> Result<()> {
        Ok(self.0.send(Message::text(text)).await?)
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send_binary(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.send(Message::binary(bytes.to_vec())).await?)
    }

    /// The next text.
    ///
    /// # Errors
    /// When none comes, or the connection is gone.
    pub async fn text(&mut self) -> Result<String> {
        loop {
            let message = within("a message", self.0.next()).await?;
            match message.context("the connection was closed")?? {
                Message::Text(text) => return Ok(text.to_string()),
                Message::Close(frame) => bail!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Reads on until the connection ends; with which words.
    pub async fn end(&mut self) -> String {
        loop {
            if let Err(error) = self.text().await {
                return error.to_string();
            }
        }
    }

    /// The next message.
    ///
    /// # Errors
    /// When none comes, or it is not one.
    pub async fn message(&mut self) -> Result<ServerMessage> {
        let text = self.text().await?;
        serde_json::from_str(&text).with_context(|| text)
    }

    /// The next message that `choose` wants.
    ///
    /// # Errors
    /// When none comes.
    pub async fn next<T>(&mut self, choose: impl Fn(ServerMessage) -> Option<T>) -> Result<T> {
        let choosing = async {
            loop {
                if let Some(chosen) = choose(self.message().await?) {
                    return Ok(chosen);
                }
            }
        };
        // Others may come all the time.
        within("the message", choosing).await?
    }

    /// The next quote.
    ///
    /// # Errors
    /// When none comes.
    pub async fn quote(&mut self) -> Result<Quote> {
        self.next(|message| if let ServerMessage::Quote(quote) = message { Some(quote) } else { None }).await
    }

    /// The next refusal.
    ///
    /// # Errors
    /// When none comes.
    pub async fn error(&mut self) -> Result<StreamError> {
        self.next(|message| if let ServerMessage::Error(error) = message { Some(error) } else { None }).await
    }
}
