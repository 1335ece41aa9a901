package io.shardfire.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.apache.xbean.asm9.ClassReader;
import org.apache.xbean.asm9.ClassVisitor;
import org.apache.xbean.asm9.FieldVisitor;
import org.apache.xbean.asm9.MethodVisitor;
import org.apache.xbean.asm9.Opcodes;

/**
 * Looks whether all that the classes of a jar refer to is on this program's class path, with the
 * types that they were compiled against: what a run would find out class by class, and only as far
 * as it gets. Needs nothing but what a Spark brings, so that its source can be started:
 *
 * <pre>
 * java -cp 'SPARK_HOME/jars/*:JAR' LinkCheck.java JAR PREFIX [EXCEPTION...]
 *
 *   PREFIX      of the classes that are looked at, such as io/shardfire/
 *   EXCEPTION   the beginning of a line of what may be missing
 * </pre>
 *
 * Prints a line for each thing that is missing, and exits with 1 if there is any.
 */
public final class LinkCheck {
  private static final int API = Opcodes.ASM9;

  /** The tags of references in a class file (Java Virtual Machine Specification 4.4). */
  private static final Set<Integer> REFERENCES = Set.of(9, 10, 11);

  private final Map<String, Optional<Type>> types = new HashMap<>();
  private final Set<String> missing = new TreeSet<>();

  /** A class or interface: what it inherits from, and its members as {@code name + descriptor}. */
  private record Type(List<String> parents, Set<String> members) {}

  private LinkCheck() {}

  /** Checks. */
  public static void main(String[] arguments) throws IOException {
    LinkCheck check = new LinkCheck();
    int classes = 0;
    try (JarFile jar = new JarFile(arguments[0])) {
      for (ZipEntry entry : Collections.list(jar.entries())) {
        if (entry.getName().startsWith(arguments[1]) && entry.getName().endsWith(".class")) {
          try (InputStream in = jar.getInputStream(entry)) {
            check.look(new ClassReader(in));
          }
          classes++;
        }
      }
    }
    if (classes == 0) {
      throw new IllegalArgumentException("No such classes: " + Arrays.toString(arguments));
    }
    List<String> exceptions = Arrays.asList(arguments).subList(2, arguments.length);
    check.missing.removeIf(line -> exceptions.stream().anyMatch(line::startsWith));
    check.missing.forEach(System.out::println);
    System.out.println("classes=" + classes + " missing=" + check.missing.size());
    System.exit(check.missing.isEmpty() ? 0 : 1);
  }

  private void look(ClassReader reader) {
    String name = reader.getClassName();
    char[] buffer = new char[reader.getMaxStringLength()];
    for (int i = 1; i < reader.getItemCount(); i++) {
      int item = reader.getItem(i);
      if (item > 0 && REFERENCES.contains(reader.readByte(item - 1))) {
        String owner = reader.readClass(item, buffer);
        int nameAndType = reader.getItem(reader.readUnsignedShort(item + 2));
        String member =
            reader.readUTF8(nameAndType, buffer) + reader.readUTF8(nameAndType + 2, buffer);
        if (!resolves(owner, member)) {
          missing.add(name + " -> " + owner + "." + member);
        }
      }
    }
    try {
      implementsAll(Class.forName(name.replace('/', '.'), false, LinkCheck.class.getClassLoader()));
    } catch (ClassNotFoundException | LinkageError e) {
      missing.add(name + ": " + e);
    }
  }

  /** Asks for the methods of a class, before which the JVM verifies it. */
  private void implementsAll(Class<?> type) {
    for (Method method : type.getMethods()) {
      if (Modifier.isAbstract(method.getModifiers()) && !Modifier.isAbstract(type.getModifiers())) {
        missing.add(type.getName().replace('.', '/') + " does not implement " + method);
      }
    }
  }

  private boolean resolves(String owner, String member) {
    // Arrays have the methods of Object; method handles take any arguments.
    if (owner.startsWith("[") || owner.startsWith("java/lang/invoke/")) {
      return true;
    }
    Deque<String> open = new ArrayDeque<>(List.of(owner));
    while (!open.isEmpty()) {
      Optional<Type> type = types.computeIfAbsent(open.remove(), LinkCheck::read);
      if (type.isPresent() && type.get().members().contains(member)) {
        return true;
      }
      type.ifPresent(found -> open.addAll(found.parents()));
    }
    return false;
  }

  private static Optional<Type> read(String name) {
    try (InputStream in = ClassLoader.getSystemResourceAsStream(name + ".class")) {
      if (in == null) {
        return Optional.empty();
      }
      Members members = new Members();
      ClassReader reader = new ClassReader(in);
      reader.accept(members, ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG);
      List<String> parents = new ArrayList<>(List.of(reader.getInterfaces()));
      Optional.ofNullable(reader.getSuperName()).ifPresent(parents::add);
      return Optional.of(new Type(parents, members.found));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Members extends ClassVisitor {
    private final Set<String> found = new HashSet<>();

    Members() {
      super(API);
    }

    @Override
    public FieldVisitor visitField(int access, String name, String type, String s, Object value) {
      found.add(name + type);
      return null;
    }

    @Override
    public MethodVisitor visitMethod(int access, String name, String type, String s, String[] e) {
      found.add(name + type);
      return null;
    }
  }
}
