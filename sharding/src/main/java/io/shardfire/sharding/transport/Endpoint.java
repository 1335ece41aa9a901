package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.TransportConf;

/**
 * Spark's transport with the application's authentication: listens, connects, or both. Its threads
 * are daemons named {@code shardfire-server-*} and {@code shardfire-client-*}. Thread-safe.
 */
final class Endpoint implements AutoCloseable {
  private final NetworkConfiguration configuration;
  private final TransportConf settings;
  private final TransportContext outgoing;
  private final TransportClientFactory clients;
  private TransportContext incoming;
  private TransportServer server;

  private Endpoint(NetworkConfiguration configuration) {
    this.configuration = configuration;
    this.settings = TransportSettings.of(configuration);
    this.outgoing = new TransportContext(settings, new OutgoingHandler());
    this.clients = outgoing.createClientFactory(List.of());
  }

  /**
   * Listens on a port of the configuration and can connect. A connection gets no further than
   * {@link NewcomerLimits} until the handler says {@link Newcomer#joined}.
   *
   * @throws ListenException when no port is free or the address is not this machine's
   */
  static Endpoint listening(NetworkConfiguration configuration, RpcHandler handler) {
    return listening(configuration, handler, NewcomerLimits.DEFAULT);
  }

  static Endpoint listening(
      NetworkConfiguration configuration, RpcHandler handler, NewcomerLimits limits) {
    Endpoint endpoint = new Endpoint(configuration);
    try {
      endpoint.listen(handler, limits);
      return endpoint;
    } catch (ListenException e) {
      endpoint.close();
      throw e;
    }
  }

  /** Only connects. */
  static Endpoint connecting(NetworkConfiguration configuration) {
    return new Endpoint(configuration);
  }

  private void listen(RpcHandler handler, NewcomerLimits limits) {
    Newcomers newcomers = new Newcomers(limits);
    TransportServerBootstrap bounds =
        (channel, inner) ->
            new IncomingHandler(inner, newcomers, limits, settings.maxSaslEncryptedBlockSize());
    // The last one stands outermost.
    List<TransportServerBootstrap> bootstraps =
        configuration.secret() == null
            ? List.of(bounds)
            : List.of(new AuthServerBootstrap(settings, secret()), bounds);
    incoming = new TransportContext(settings, handler);
    PortRange ports = configuration.ports();
    Exception last = null;
    for (int port = ports.first(); port <= ports.last() && server == null; port++) {
      try {
        server = incoming.createServer(configuration.bindHost(), port, bootstraps);
      } catch (Exception e) { // the transport throws checked exceptions that it does not declare
        last = e;
      }
    }
    if (server == null) {
      throw new ListenException(cannotListen() + ": " + last.getMessage(), last);
    }
  }

  private String cannotListen() {
    String where = "bindHost=" + configuration.bindHost() + ", ports=" + configuration.ports();
    return configuration.ports().equals(PortRange.ANY)
        ? "Cannot listen; check that the address belongs to this machine, and the"
            + " spark.shardfire.io settings: "
            + where
        : "Cannot listen on any port of the range; free one, or set cluster.ports to a range that"
            + " has a free port for every rank of a machine, and on the driver's one more: "
            + where;
  }

  private ApplicationSecret secret() {
    return new ApplicationSecret(configuration.secret());
  }

  /** Whether traffic is encrypted. */
  boolean encrypts() {
    return settings.encryptionEnabled() || settings.saslEncryption();
  }

  /** Where this endpoint listens. */
  PeerAddress address() {
    return new PeerAddress(configuration.bindHost(), server.getPort());
  }

  /** A connection of its own, authenticated; the caller closes it. */
  Connection connect(PeerAddress peer, String name) {
    try {
      TransportClient client = clients.createUnmanagedClient(peer.host(), peer.port());
      authenticate(client);
      return new Connection(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CollectiveException("Interrupted while connecting to " + name + " at " + peer, e);
    } catch (IOException | RuntimeException e) {
      throw new CollectiveException(
          ("Cannot connect to %s at %s, or it refused the authentication; check that it runs and"
                  + " that both sides have the same spark.authenticate settings: authenticated=%s")
              .formatted(name, peer, configuration.secret() != null),
          e);
    }
  }

  /** Not left to the transport's factory, which would log a refusal with a stack trace. */
  private void authenticate(TransportClient client) {
    if (configuration.secret() == null) {
      return;
    }
    try {
      new AuthClientBootstrap(settings, ApplicationSecret.USER, secret())
          .doBootstrap(client, client.getChannel());
      FrameDecoder.installForSasl(client.getChannel(), settings.maxSaslEncryptedBlockSize());
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
  }

  @Override
  public void close() {
    clients.close();
    if (server != null) {
      server.close();
    }
    Stream.of(outgoing, incoming)
        .filter(context -> context != null)
        .forEach(TransportContext::close);
  }
}
