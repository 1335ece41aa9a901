package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.Operation;

/** One collective, or one half of an all-reduce. */
record ExchangeKey(CollectiveKey key, Operation operation) {
  static ExchangeKey of(MessageHeader header) {
    return new ExchangeKey(header.key(), header.operation());
  }

  /** Whether the other is the same collective, if perhaps its other half. */
  boolean sameCall(Operation other) {
    return operation.call().equals(other.call());
  }
}
