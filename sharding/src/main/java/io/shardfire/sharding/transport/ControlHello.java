package io.shardfire.sharding.transport;

import com.esotericsoftware.kryo.kryo5.io.ByteBufferInput;
import com.esotericsoftware.kryo.kryo5.io.ByteBufferOutput;
import io.shardfire.sharding.wire.MessageSerializer;

/**
 * First message of a rank's connection to the driver, without fields: what follows are reports.
 * Until then the driver grants a connection little room and little time.
 */
record ControlHello() {
  static final class Serializer extends MessageSerializer<ControlHello> {
    @Override
    protected void write(ByteBufferOutput output, ControlHello message) {}

    @Override
    protected ControlHello read(ByteBufferInput input) {
      return new ControlHello();
    }
  }
}
