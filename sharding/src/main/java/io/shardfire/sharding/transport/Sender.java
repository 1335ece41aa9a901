package io.shardfire.sharding.transport;

import io.shardfire.sharding.wire.ByteShare;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.WireCodec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.apache.spark.network.client.RpcResponseCallback;

/**
 * Writes and sends the messages of one node, on one thread. At most {@link #WINDOW} chunks per peer
 * and {@link #MAX_BUFFERS} per node are on their way without an acknowledgement, so a slow peer
 * costs bounded memory. The buffers are direct and used again; a peer that shares memory with this
 * node has slots there instead.
 */
final class Sender implements AutoCloseable {
  static final int WINDOW = 4;
  static final int MAX_BUFFERS = 32;

  private final ExecutorService thread;
  private final WireCodec codec;
  private final int bufferBytes;
  private final Queue<OutgoingChunk> free = new ArrayDeque<>();
  private int buffers;

  /** Peers that have something to send, served in turn. */
  private final Queue<PeerLink> active = new ArrayDeque<>();

  Sender(int chunkBytes) {
    this.codec = WireCodec.forPeers(chunkBytes);
    this.bufferBytes = chunkBytes + GradientShard.MAX_OVERHEAD;
    this.thread = Executors.newSingleThreadExecutor(DaemonThread.named("shardfire-send"));
  }

  void send(PeerLink link, Notice notice) {
    run(() -> post(link, notice));
  }

  void send(PeerLink link, Transfer transfer) {
    run(
        () -> {
          link.transfers().add(transfer);
          if (!active.contains(link)) {
            active.add(link);
          }
          pump();
        });
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  /**
   * Waits until whatever is being written has been, so that the arrays of collectives that have
   * ended are read no more; false when the time is over.
   */
  boolean awaitIdle(Duration timeout) {
    return Idle.await(thread, timeout);
  }

  private void run(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      // Closed: every collective has failed already when its rank left the group.
      if (!thread.isShutdown()) {
        throw e;
      }
    }
  }

  private void post(PeerLink link, Notice notice) {
    Collective collective = notice.collective();
    int payload = notice.message() instanceof ByteShare share ? share.bytes().length : 0;
    try {
      ByteBuffer buffer = ByteBuffer.allocate(payload + GradientShard.MAX_OVERHEAD);
      codec.encode(notice.message(), buffer);
      link.connection()
          .send(
              buffer,
              new Answer(link, collective) {
                @Override
                void accepted() {
                  if (notice.settles()) {
                    collective.acknowledgedBy(link.rank());
                  }
                }
              });
    } catch (RuntimeException e) {
      collective.fail("Cannot send to " + link + ": " + e.getMessage(), e);
    }
  }

  /** Sends one chunk to each active peer in turn until windows or buffers are used up. */
  private void pump() {
    int idle = 0;
    while (idle < active.size()) {
      PeerLink link = active.remove();
      dropExhausted(link);
      if (link.transfers().isEmpty()) {
        continue;
      }
      active.add(link);
      OutgoingChunk chunk = link.inFlight() < WINDOW ? take(link) : null;
      if (chunk == null) {
        idle++;
      } else {
        idle = 0;
        sendChunk(link, link.transfers().element(), chunk);
      }
    }
  }

  private static void dropExhausted(PeerLink link) {
    while (!link.transfers().isEmpty() && link.transfers().element().isExhausted()) {
      link.transfers().remove();
    }
  }

  private void sendChunk(PeerLink link, Transfer transfer, OutgoingChunk chunk) {
    ByteBuffer message;
    try {
      message = chunk.write(codec, transfer.next());
    } catch (RuntimeException e) {
      give(link, chunk);
      transfer.exchange().fail("Cannot send to " + link + ": " + e.getMessage(), e);
      return;
    }
    link.addInFlight(1);
    link.connection()
        .send(
            message,
            new Answer(link, transfer.exchange()) {
              @Override
              void accepted() {
                run(
                    () -> {
                      give(link, chunk);
                      transfer.acknowledged(link.rank());
                      link.addInFlight(-1);
                      pump();
                    });
              }

              @Override
              void failed() {
                run(
                    () -> {
                      drop(link, chunk);
                      link.addInFlight(-1);
                      pump();
                    });
              }
            });
  }

  private OutgoingChunk take(PeerLink link) {
    if (link.slots() != null) {
      return link.slots().poll();
    }
    if (free.isEmpty() && buffers < MAX_BUFFERS) {
      buffers++;
      return new OutgoingChunk.InBuffer(ByteBuffer.allocateDirect(bufferBytes));
    }
    return free.poll();
  }

  private void give(PeerLink link, OutgoingChunk chunk) {
    (link.slots() == null ? free : link.slots()).add(chunk);
  }

  /** After a failure the transport may still hold the message: it is left to the collector. */
  private void drop(PeerLink link, OutgoingChunk chunk) {
    if (chunk instanceof OutgoingChunk.InSlot slot) {
      link.slots().add(slot.withNewNotice());
    } else {
      buffers--;
    }
  }

  /** What becomes of a message; called on a transport thread. */
  private abstract static class Answer implements RpcResponseCallback {
    private final PeerLink link;
    private final Collective collective;

    Answer(PeerLink link, Collective collective) {
      this.link = link;
      this.collective = collective;
    }

    abstract void accepted();

    void failed() {}

    @Override
    public final void onSuccess(ByteBuffer response) {
      Reply.read(response)
          .refusal()
          .ifPresentOrElse(
              reason -> {
                failed();
                collective.fail(link + " refused a message: " + reason, null);
              },
              this::accepted);
    }

    @Override
    public final void onFailure(Throwable cause) {
      failed();
      collective.fail(link + " has left the group or its connection was lost", cause);
    }
  }
}
