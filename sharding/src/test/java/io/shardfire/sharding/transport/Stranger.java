package io.shardfire.sharding.transport;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A bare socket that sends whatever a test wants. */
final class Stranger implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 60_000;

  private final Socket socket;
  private final DataOutputStream output;
  private final DataInputStream input;

  Stranger(PeerAddress address) throws IOException {
    socket = new Socket(address.host(), address.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    output = new DataOutputStream(socket.getOutputStream());
    input = new DataInputStream(socket.getInputStream());
  }

  /** As the other side logs it. */
  String name() {
    return "from /127.0.0.1:" + socket.getLocalPort();
  }

  /** The length of a frame, as if that many bytes were to follow. */
  void announceFrame(long bytes) throws IOException {
    output.writeLong(Long.BYTES + bytes);
    output.flush();
  }

  void send(byte... bytes) throws IOException {
    output.write(bytes);
    output.flush();
  }

  /** A frame that holds one request of the transport. */
  void sendRequest(ByteBuffer message) throws IOException {
    byte[] body = new byte[message.remaining()];
    message.get(body);
    announceFrame(MessageGate.HEADER_BYTES + body.length);
    output.writeByte(3);
    output.writeLong(7);
    output.writeInt(body.length);
    send(body);
  }

  /** Reads the frame of an answer and returns what the answer says. */
  byte[] answer() throws IOException {
    byte[] frame = new byte[(int) input.readLong() - Long.BYTES];
    input.readFully(frame);
    return Arrays.copyOfRange(frame, MessageGate.HEADER_BYTES, frame.length);
  }

  /** Whether the other side has closed the connection; waits for it. */
  boolean wasClosed() throws IOException {
    try {
      // A refusal may come first.
      input.readAllBytes();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Dies: the other side's next read fails. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
