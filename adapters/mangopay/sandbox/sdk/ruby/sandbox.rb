# Points the specs of a checkout of the Ruby SDK at the sandbox, and tells how each example ended.
require 'rspec'
require 'json'

class Results
  RSpec::Core::Formatters.register self, :example_passed, :example_failed, :example_pending

  def initialize(_output); end

  def example_passed(told)
    tell(told.example, 'passed', '')
  end

  def example_failed(told)
    tell(told.example, 'failed', told.exception.message)
  end

  def example_pending(told)
    tell(told.example, 'skipped', '')
  end

  private

  def tell(example, result, why)
    line = {
      service: File.basename(example.metadata[:file_path], '_spec.rb'), test: example.full_description, result: result,
      why: why.strip.lines.first.to_s.strip, at: (Time.now.to_f * 1000).to_i
    }
    File.open(ENV['SDK_RESULTS'], 'a') { |f| f.puts(JSON.generate(line)) }
  end
end

RSpec.configure do |config|
  config.before do
    MangoPay.configure do |c|
      c.root_url = ENV['SANDBOX_URL']
      c.use_ssl = false
    end
  end
end
