# Reads {receivers: {scheme: file}, cases: […]} and says for each case whether its receiver believes it.
require "json"

asked = JSON.parse($stdin.read)

# Each in a module of its own, as all define the same names.
receivers = asked["receivers"].transform_values do |file|
  receiver = Module.new
  receiver.module_eval(File.read(file), file)
  Object.new.extend(receiver).tap { |one| one.define_singleton_method(:rejected) { receiver::Rejected } }
end

def as_webrick_gives(headers)
  headers.group_by { |name, _| name.downcase }.transform_values { |same| same.map(&:last).join(", ") }
end

verdicts = asked["cases"].map do |one|
  receiver = receivers[one["scheme"]]
  body = one["body"].unpack1("m").b
  receiver.send(:verify, as_webrick_gives(one["headers"]), body, one["secrets"], *one["arguments"])
  { good: true }
rescue StandardError => error
  { good: false, reason: error.message, broke: !error.is_a?(receiver.rejected) }
end
puts JSON.generate(verdicts)
