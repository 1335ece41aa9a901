package io.shardfire.sharding.wire;

import java.util.Optional;

/** Bytes that are not a valid message. */
public final class WireException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient MessageHeader header;

  /** Says what is wrong. */
  public WireException(String message) {
    this(message, null, null);
  }

  /** As above, with the cause. */
  public WireException(String message, Throwable cause) {
    this(message, null, cause);
  }

  WireException(String message, MessageHeader header) {
    this(message + ": " + header.describe(), header, null);
  }

  private WireException(String message, MessageHeader header, Throwable cause) {
    super(message, cause);
    this.header = header;
  }

  /** The collective that the damaged message belongs to, where that much could be read. */
  public Optional<MessageHeader> header() {
    return Optional.ofNullable(header);
  }
}
