package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import java.io.IOException;
import java.util.List;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientBootstrap;
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
  private final TransportContext context;
  private final TransportClientFactory clients;
  private final TransportServer server;
  private final boolean encrypts;

  private Endpoint(
      NetworkConfiguration configuration,
      TransportContext context,
      TransportClientFactory clients,
      TransportServer server,
      boolean encrypts) {
    this.configuration = configuration;
    this.context = context;
    this.clients = clients;
    this.server = server;
    this.encrypts = encrypts;
  }

  /** Listens on a free port and can connect. */
  static Endpoint listening(NetworkConfiguration configuration, RpcHandler handler) {
    return open(configuration, handler, true);
  }

  /** Only connects. */
  static Endpoint connecting(NetworkConfiguration configuration) {
    return open(configuration, new ReplyHandler(), false);
  }

  private static Endpoint open(
      NetworkConfiguration configuration, RpcHandler handler, boolean listen) {
    TransportConf settings = TransportSettings.of(configuration);
    List<TransportClientBootstrap> toServer = List.of();
    List<TransportServerBootstrap> toClient = List.of();
    if (configuration.secret() != null) {
      ApplicationSecret secret = new ApplicationSecret(configuration.secret());
      toServer = List.of(new AuthClientBootstrap(settings, ApplicationSecret.USER, secret));
      toClient = List.of(new AuthServerBootstrap(settings, secret));
    }
    TransportContext context = new TransportContext(settings, handler);
    TransportClientFactory clients = context.createClientFactory(toServer);
    try {
      TransportServer server =
          listen ? context.createServer(configuration.bindHost(), 0, toClient) : null;
      boolean encrypts =
          settings.encryptionEnabled() || settings.saslEncryption() || settings.sslRpcEnabled();
      return new Endpoint(configuration, context, clients, server, encrypts);
    } catch (Exception e) { // the transport throws checked exceptions that it does not declare
      clients.close();
      context.close();
      throw new CollectiveException(
          "Cannot listen; check that the address belongs to this machine, and the spark.shardfire.io"
              + " settings: bindHost="
              + configuration.bindHost()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Whether traffic is encrypted. */
  boolean encrypts() {
    return encrypts;
  }

  /** Where this endpoint listens. */
  PeerAddress address() {
    return new PeerAddress(configuration.bindHost(), server.getPort());
  }

  /** A connection of its own, authenticated; the caller closes it. */
  TransportClient connect(PeerAddress peer, String name) {
    try {
      return clients.createUnmanagedClient(peer.host(), peer.port());
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

  @Override
  public void close() {
    clients.close();
    if (server != null) {
      server.close();
    }
    context.close();
  }
}
