package io.shardfire.kernels.device;

/**
 * What a command has to do at least, for relating its time to what the device can do.
 *
 * @param opcode what it does
 * @param shape of a product, of an operand that is packed, or of attention; else empty
 * @param multiplyAdds of its products; 0 where it has none
 * @param bytes that it must read and write, each once
 */
public record CommandWork(Opcode opcode, String shape, long multiplyAdds, long bytes) {}
